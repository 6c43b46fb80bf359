"""Papers of every kind as plain values: what the tests of slips, results and PDFs print."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.domain import results
from portal.domain.slips import (
    CHAIRMAN,
    FOR_THE_OFFICE,
    POLICE_HEAD,
    REGISTRY_HEAD,
    VICE_CHAIRMAN,
    Acknowledgement,
    Apology,
    Applicant,
    Blank,
    Book,
    ComponentLine,
    Control,
    FeeLine,
    FileLine,
    GivenPaper,
    HandedOn,
    HandOver,
    HandOverList,
    HandOverReceipt,
    Head,
    Letter,
    MissingItem,
    Payload,
    Receipt,
    RefusalOfReception,
    Register,
    RegisterLine,
    Result,
    ResultRefusal,
    Signature,
    Stopping,
    SupplementRequest,
    one_stop_shop,
)

OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")
TRACKING = "https://mot-cua.example.vn/tra-cuu/DK-7K2M-PQ9X-3VTA"
CODE = "H38.02953-260713-0012"
REGISTRATION = "DK-7K2M-PQ9X-3VTA"
DAY = date(2026, 7, 13)
DISTRICT_DAY = date(2025, 2, 5)

SHOP = Head(
    superior=None,
    issuer="ỦY BAN NHÂN DÂN XÃ NGHĨA ĐÔ",
    shop=one_stop_shop("Xã Nghĩa Đô", DAY),
    number="15/TNHS",
    place="Nghĩa Đô",
    issued_on=DAY,
)
COMMUNE = replace(SHOP, shop=None, number="16/GPXD")
POLICE = replace(SHOP, superior="CÔNG AN TỈNH LÀO CAI", issuer="CÔNG AN XÃ NGHĨA ĐÔ", shop=None)
REGISTRY = Head(
    superior="VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI TỈNH LÀO CAI",
    issuer="CHI NHÁNH VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI KHU VỰC BẢO YÊN",
    shop=None,
    number="221/TB",
    place="Bảo Yên",
    issued_on=DAY,
)
DISTRICT = Head(
    superior=None,
    issuer="ỦY BAN NHÂN DÂN HUYỆN BẢO YÊN",
    shop=one_stop_shop("Huyện Bảo Yên", DISTRICT_DAY),
    number="03/TNHS",
    place="Bảo Yên",
    issued_on=DISTRICT_DAY,
)

NGUYET = Applicant(
    name="Hoàng Thị Nguyệt",
    address="Bản Nà Khương, xã Nghĩa Đô, tỉnh Lào Cai",
    phone="0912 345 678",
    email="nguyet.hoang@example.vn",
)
LONG_NAMES = Applicant(
    name="Nguyễn Hoàng Phương Thảo Quỳnh Như Bảo Trân Khánh Ly",
    submitter="Đặng Thị Thuỳ Dương",
    address=(
        "Số nhà 123, tổ dân phố số 4A, thôn Khuổi Phường Vằng Đáo, bản Nà Đình Mường Kem, xã Nghĩa Đô, tỉnh Lào Cai"
    ),
    phone="0912345678",
    email="mot.dia.chi.thu.dien.tu.rat.dai.khong.ngat@mot-ten-mien-rat-dai.example.vn",
)

COMPONENTS = (
    "Đơn đề nghị cấp giấy phép xây dựng (Mẫu số 01)",
    "Giấy chứng nhận quyền sử dụng đất",
    "Bản vẽ thiết kế: mặt bằng công trình trên lô đất kèm sơ đồ vị trí, mặt bằng các tầng, các mặt đứng và các mặt cắt",
    "Bản cam kết bảo đảm an toàn đối với công trình liền kề",
)

RECEIPT = Receipt(
    form_set="03/2025",
    head=SHOP,
    code=CODE,
    applicant=NGUYET,
    subject="Cấp giấy phép xây dựng mới đối với công trình cấp III, cấp IV và nhà ở riêng lẻ",
    components=tuple(ComponentLine(title=title, originals=1, files=2) for title in COMPONENTS),
    sets=1,
    term=("07 ngày làm việc",),
    received_at=datetime(2026, 7, 13, 8, 30, tzinfo=OFFICE),
    due_at=datetime(2026, 7, 22, 8, 30, tzinfo=OFFICE),
    due_provisional=False,
    result_at="Trung tâm Phục vụ hành chính công xã Nghĩa Đô",
    book=Book(volume="2026/01", number=128),
    fees=(FeeLine(title="Lệ phí cấp giấy phép xây dựng", amount=75000, note="nộp khi nhận kết quả"),),
    fee_total=75000,
    officer="Lương Văn Tuyến",
    tracking_url=TRACKING,
)
LONG_RECEIPT = replace(
    RECEIPT,
    applicant=LONG_NAMES,
    components=tuple(
        ComponentLine(title=f"{title}, bản {copy}", originals=1, certified_copies=2, photocopies=3, files=copy)
        for copy in (1, 2, 3)
        for title in COMPONENTS
    ),
    term=("08 ngày làm việc", "10 ngày (địa bàn miền núi)"),
    due_provisional=True,
    fees=(FeeLine(title="Phí thẩm định hồ sơ", amount=None), FeeLine(title="Lệ phí địa chính", amount=15000)),
    fee_total=None,
)
DISTRICT_RECEIPT = replace(RECEIPT, form_set="01/2018", head=DISTRICT, fees=(), fee_total=0)
RESIDENCE_RECEIPT = replace(RECEIPT, form_set="53/2025", head=POLICE, subject="Tách hộ")

SUPPLEMENT_REQUEST = SupplementRequest(
    form_set="03/2025",
    head=replace(SHOP, number="07/HDHS"),
    code=None,
    registration_number=REGISTRATION,
    applicant=NGUYET,
    subject="Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ",
    round=1,
    items=(
        MissingItem(title="Giấy chứng nhận quyền sử dụng đất", missing="trang 3 bị mờ, không đọc được số thửa"),
        MissingItem(title="Bản vẽ thiết kế", missing="thiếu mặt cắt móng và sơ đồ đấu nối cấp nước, thoát nước"),
    ),
    reason="Hồ sơ chưa đủ thành phần theo quy định.",
    legal_basis=("Điều 55, Điều 56 Nghị định số 217/2026/NĐ-CP",),
    answer_by=date(2026, 7, 15),
    clock=None,
    contact="Trung tâm Phục vụ hành chính công xã Nghĩa Đô",
    contact_phone="0214 3 876 543",
    officer="Lương Văn Tuyến",
    signature=None,
    tracking_url=TRACKING,
)
LATER_SUPPLEMENT_REQUEST = replace(
    SUPPLEMENT_REQUEST,
    code=CODE,
    round=2,
    clock="Thời hạn giải quyết được tính lại từ đầu sau khi nhận đủ hồ sơ.",
    signature=Signature(authority=CHAIRMAN, name="Nguyễn Văn Khương"),
)

REFUSAL_OF_RECEPTION = RefusalOfReception(
    form_set="01/2018",
    head=DISTRICT,
    registration_number=REGISTRATION,
    applicant=NGUYET,
    subject="Cấp giấy phép xây dựng nhà ở riêng lẻ",
    reasons=(
        "Thửa đất thuộc hành lang bảo vệ đường bộ Quốc lộ 279, không thuộc đối tượng được cấp giấy phép xây dựng.",
        "Mục đích sử dụng đất ghi trên Giấy chứng nhận là đất trồng cây lâu năm (CLN), không phải đất ở.",
    ),
    legal_basis=("Điều 91, Điều 93 Luật Xây dựng số 50/2014/QH13",),
    officer="Lương Văn Tuyến",
    tracking_url=TRACKING,
)

ACKNOWLEDGEMENT = Acknowledgement(
    form_set="general",
    head=replace(SHOP, number=None),
    registration_number=REGISTRATION,
    applicant=NGUYET,
    procedure="Cấp giấy phép xây dựng mới đối với công trình cấp III, cấp IV và nhà ở riêng lẻ",
    submitted_at=datetime(2026, 7, 11, 21, 0, tzinfo=OFFICE),
    answer_by=datetime(2026, 7, 13, 17, 0, tzinfo=OFFICE),
    files=(
        FileLine(component=COMPONENTS[1], name="so-do-nha-minh.pdf", pages=4, size=1234567, sha256="9f86d081" * 8),
        FileLine(component=COMPONENTS[2], name="Tầng 1 (lần 2).heic", pages=None, size=834567, sha256="60303ae2" * 8),
    ),
    tracking_url=TRACKING,
)

PERMIT = Result(
    form_set="construction_permit",
    head=COMMUNE,
    code=CODE,
    subtitle="(Sử dụng cho nhà ở riêng lẻ)",
    preamble=("Căn cứ Luật Xây dựng năm 2025;", "Căn cứ Nghị định số 217/2026/NĐ-CP của Chính phủ;"),
    groups=results.construction_permit(
        owner="Hoàng Thị Nguyệt",
        owner_address="Bản Nà Khương, xã Nghĩa Đô, tỉnh Lào Cai",
        work="Nhà ở gia đình",
        place="Bản Nà Khương, xã Nghĩa Đô",
        parcel="Thửa đất số 128, tờ bản đồ số 14",
        plot_area=Decimal("312.5"),
        grade="cấp III",
        designer="Công ty TNHH Kiến trúc Phố Ràng",
        ground_level=Decimal("0.45"),
        setback=Decimal(3),
        boundary=None,
        ground_floor_area=Decimal("96.4"),
        total_floor_area=Decimal("212.8"),
        storeys=2,
        storeys_detail="2 tầng nổi, 1 tum",
        height=Decimal("8.6"),
        land_paper="Giấy chứng nhận quyền sử dụng đất số DB 012345",
    ),
    closing=results.PERMIT_CLOSING,
    recipients=("Chủ đầu tư", "Lưu: VT, KT"),
    signature=Signature(authority=VICE_CHAIRMAN, name="Nguyễn Văn Khương"),
    tracking_url=TRACKING,
)
LAND_CHANGE = Result(
    form_set="land_change",
    head=REGISTRY,
    code=CODE,
    subtitle=None,
    preamble=("Căn cứ Luật Đất đai số 31/2024/QH15;",),
    groups=results.land_change(
        parcel="128",
        map_sheet="14",
        area=Decimal("312.5"),
        place="Bản Nà Khương, xã Nghĩa Đô, tỉnh Lào Cai",
        purpose="Đất ở tại nông thôn (ONT)",
        certificate="DB 012345",
        register_number="CH 00123",
        change="Chuyển nhượng quyền sử dụng đất",
        before="Ông Lự Văn Pành sử dụng toàn bộ thửa đất",
        after="Bà Hoàng Thị Nguyệt sử dụng toàn bộ thửa đất",
        reason="Hợp đồng chuyển nhượng số 88/2026, chứng thực ngày 02/07/2026",
        giver=results.Party(name="Lự Văn Pành", personal_number="010088001234", address="Bản Đáp, xã Nghĩa Đô"),
        receiver=results.Party(name="Hoàng Thị Nguyệt", personal_number="010188005678", address=None),
        duty="Đã hoàn thành theo thông báo của cơ quan thuế",
    ),
    closing=("Thông báo để Ông/Bà được biết./.",),
    recipients=("Hoàng Thị Nguyệt", "Lưu: HS"),
    signature=Signature(authority=REGISTRY_HEAD, name="Phạm Quốc Bảo"),
    tracking_url=TRACKING,
)
HOUSEHOLD_SPLIT = Result(
    form_set="53/2025",
    head=POLICE,
    code=CODE,
    subtitle=None,
    preamble=(),
    groups=results.household_split(
        applicant="Hoàng Thị Nguyệt",
        personal_number="010188005678",
        old_head="Hoàng Văn Sinh",
        new_head="Hoàng Thị Nguyệt",
        address="Bản Nà Khương, xã Nghĩa Đô, tỉnh Lào Cai",
        members=(
            results.Member(
                name="Hoàng Thị Nguyệt", born="12/03/1988", personal_number="010188005678", relation="chủ hộ"
            ),
            results.Member(name="Lự Minh Khôi", born="02/09/2015", personal_number="010215001111", relation="con đẻ"),
        ),
    ),
    closing=(results.CLOSING,),
    recipients=(),
    signature=Signature(authority=POLICE_HEAD, name="Vàng A Sử"),
    tracking_url=TRACKING,
)
BIRTH_CERTIFICATE = Result(
    form_set="birth_certificate",
    head=replace(COMMUNE, number="32/2026"),
    code=CODE,
    subtitle=None,
    preamble=(),
    groups=results.birth_certificate(
        child="Lự Hoàng Bảo Ngọc",
        born=date(2026, 6, 24),
        born_in_words=None,
        sex="Nữ",
        ethnicity="Tày",
        nationality="Việt Nam",
        birthplace="Trung tâm Y tế Bảo Yên, xã Bảo Yên, tỉnh Lào Cai",
        home="Xã Nghĩa Đô, tỉnh Lào Cai",
        personal_number="010326001234",
        mother=results.Parent(
            name="Hoàng Thị Nguyệt",
            born="1998",
            ethnicity="Tày",
            nationality="Việt Nam",
            residence="Bản Nà Khương, xã Nghĩa Đô, tỉnh Lào Cai",
        ),
        father=None,
        declarant="Hoàng Thị Nguyệt",
        declarant_paper="Căn cước số 010198005678",
        registered_at="Ủy ban nhân dân xã Nghĩa Đô, tỉnh Lào Cai",
        registered_on=DAY,
    ),
    closing=(),
    recipients=(),
    signature=Signature(authority=("NGƯỜI KÝ GIẤY KHAI SINH", "CHỦ TỊCH"), name="Nguyễn Văn Khương"),
    tracking_url=TRACKING,
)
RESULT_REFUSAL = ResultRefusal(
    form_set="general",
    head=replace(COMMUNE, number="09/TCGQ"),
    code=CODE,
    applicant=NGUYET,
    subject="Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ",
    received_at=datetime(2026, 7, 13, 8, 30, tzinfo=OFFICE),
    reasons=REFUSAL_OF_RECEPTION.reasons,
    legal_basis=REFUSAL_OF_RECEPTION.legal_basis,
    recipients=("Như trên", "Lưu: VT, KT"),
    signature=Signature(authority=CHAIRMAN, name="Nguyễn Văn Khương"),
    tracking_url=TRACKING,
)

APOLOGY = Apology(
    form_set="01/2018",
    head=replace(COMMUNE, number="02/PXL"),
    code=CODE,
    applicant=NGUYET,
    subject="Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ",
    received_at=datetime(2026, 7, 13, 8, 30, tzinfo=OFFICE),
    old_due_at=datetime(2026, 7, 22, 8, 30, tzinfo=OFFICE),
    new_due_at=datetime(2026, 7, 27, 17, 0, tzinfo=OFFICE),
    reasons=(
        "Cơ quan phối hợp, cơ quan được lấy ý kiến chưa trả lời",
        "Phòng Cảnh sát phòng cháy chữa cháy chưa có ý kiến về khoảng cách an toàn.",
    ),
    recipients=("Ông/Bà Hoàng Thị Nguyệt", "Trung tâm Phục vụ hành chính công xã Nghĩa Đô", "Lưu: VT, HS"),
    signature=Signature(authority=CHAIRMAN, name="Nguyễn Văn Khương"),
    tracking_url=TRACKING,
)
STOPPING = Stopping(
    form_set="03/2025",
    head=replace(COMMUNE, number="01/TBD"),
    code=CODE,
    registration_number=REGISTRATION,
    applicant=NGUYET,
    subject="Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ",
    received_at=datetime(2026, 7, 13, 8, 30, tzinfo=OFFICE),
    reasons=("Thửa đất đang có tranh chấp, Tòa án đã thụ lý vụ án.",),
    legal_basis=REFUSAL_OF_RECEPTION.legal_basis,
    recipients=("Ông/Bà Hoàng Thị Nguyệt", "Lưu: VT, HS"),
    signature=Signature(authority=CHAIRMAN, name="Nguyễn Văn Khương"),
    tracking_url=TRACKING,
)
CONTROL = Control(
    form_set="01/2018",
    head=replace(SHOP, number="04/PKS"),
    code=CODE,
    office="Xã Nghĩa Đô",
    cooperating=("Phòng Kinh tế xã Nghĩa Đô",),
    hand_overs=(
        HandOver(
            giver="Người nộp hồ sơ",
            giver_name="Hoàng Thị Nguyệt",
            receiver="Cán bộ một cửa, Xã Nghĩa Đô",
            receiver_name="Lương Văn Tuyến",
            at=datetime(2026, 7, 13, 8, 30, tzinfo=OFFICE),
            in_time=None,
            note="Tiếp nhận hồ sơ",
        ),
        HandOver(
            giver="Cán bộ một cửa, Xã Nghĩa Đô",
            giver_name="Lương Văn Tuyến",
            receiver="Lãnh đạo phòng, Xã Nghĩa Đô",
            receiver_name="Hoàng Văn Thái",
            at=datetime(2026, 7, 13, 10, 0, tzinfo=OFFICE),
            in_time="Đúng hạn",
            note="Chuyển bước tiếp theo; hạn 13:30 13/07/2026",
        ),
        HandOver(
            giver="Lãnh đạo phòng, Xã Nghĩa Đô",
            giver_name="Hoàng Văn Thái",
            receiver="Chuyên viên, Xã Nghĩa Đô",
            receiver_name="",
            at=datetime(2026, 7, 14, 16, 0, tzinfo=OFFICE),
            in_time="Quá hạn",
            note="Chuyển bước tiếp theo; hạn 14:00 13/07/2026",
        ),
    ),
    tracking_url=TRACKING,
)

REGISTER = Register(
    form_set="01/2018",
    head=replace(SHOP, number=None),
    sector="Hoạt động xây dựng",
    volume="2026/01",
    year=2026,
    first=1,
    last=2,
    lines=(
        RegisterLine(
            number=1,
            code=CODE,
            subject="Cấp giấy phép xây dựng mới đối với công trình cấp III, cấp IV và nhà ở riêng lẻ",
            sets=1,
            applicant="Hoàng Thị Nguyệt",
            contact="Bản Nà Khương, xã Nghĩa Đô, tỉnh Lào Cai, 0912345678",
            office="Xã Nghĩa Đô",
            received_on=DAY,
            due_on=date(2026, 7, 22),
            forwarded_on=DAY,
            result_on=date(2026, 7, 21),
            handed_on=date(2026, 7, 23),
            delivery="Trực tiếp",
            giver="Lương Văn Tuyến",
            receiver="Hoàng Thị Nguyệt",
            note="Nộp trực tuyến",
        ),
        RegisterLine(
            number=2,
            code="H38.02953-260714-0003",
            subject="Gia hạn giấy phép xây dựng",
            sets=2,
            applicant="Lự Văn Páo",
            contact="Bản Mường Kem, xã Nghĩa Đô, tỉnh Lào Cai",
            office="Xã Nghĩa Đô",
            received_on=date(2026, 7, 14),
            due_on=date(2026, 7, 21),
            forwarded_on=None,
            result_on=None,
            handed_on=None,
            delivery="Bưu chính công ích",
            giver="",
            receiver="",
            note="",
        ),
    ),
    as_of=datetime(2027, 1, 4, 8, 0, tzinfo=OFFICE),
    closed=True,
    signature=Signature(authority=FOR_THE_OFFICE, name="Nguyễn Văn Khương"),
    tracking_url=TRACKING,
)

HAND_OVER_LIST = HandOverList(
    form_set="dossiers",
    head=replace(SHOP, number="07/BG"),
    giver="Bộ phận tiếp nhận và trả kết quả, Xã Nghĩa Đô",
    receiver="Phòng chuyên môn, Xã Nghĩa Đô",
    day=DAY,
    lines=(
        HandedOn(
            code=CODE,
            applicant="Hoàng Thị Nguyệt",
            subject="Cấp giấy phép xây dựng nhà ở riêng lẻ",
            at=datetime(2026, 7, 13, 10, 0, tzinfo=OFFICE),
            giver_name="Lương Văn Tuyến",
            receiver_name="Hoàng Văn Thái",
            note="Chuyển bước tiếp theo",
        ),
        HandedOn(
            code="H38.02953-260713-0013",
            applicant="Lự Văn Páo",
            subject="Gia hạn giấy phép xây dựng",
            at=datetime(2026, 7, 13, 14, 5, tzinfo=OFFICE),
            giver_name="Lương Văn Tuyến",
            receiver_name="",
            note="Chuyển bước tiếp theo",
        ),
    ),
    tracking_url=TRACKING,
)
HAND_OVER_RECEIPT = HandOverReceipt(
    form_set="general",
    head=replace(SHOP, number="21/BNKQ"),
    code=CODE,
    applicant=NGUYET,
    subject="Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ",
    papers=(GivenPaper(title="GIẤY PHÉP XÂY DỰNG", number="16/GPXD"),),
    at=datetime(2026, 7, 23, 9, 15, tzinfo=OFFICE),
    delivery="Bộ phận tiếp nhận và trả kết quả nơi nộp hồ sơ",
    receiver="Hoàng Văn Bình",
    shown="Giấy hẹn trả kết quả, giấy ủy quyền",
    note="Trả trực tiếp cho con trai của người nộp.",
    officer="Lương Văn Tuyến",
    tracking_url=TRACKING,
)

LETTER = Letter(
    form_set="birth",
    head=replace(COMMUNE, number="05/TH"),
    code=CODE,
    to="Ông Lự Văn Páo và bà Hoàng Thị Nguyệt",
    name="Lự Hoàng Bảo Ngọc",
    issuer="Ủy ban nhân dân xã Nghĩa Đô",
    signature=Signature(authority=CHAIRMAN, name="Nguyễn Văn Khương"),
    tracking_url=TRACKING,
)

ALL: dict[str, Payload] = {
    "apology": APOLOGY,
    "apology of 2025": replace(APOLOGY, form_set="03/2025"),
    "notice of stopping": STOPPING,
    "notice of stopping before 2025": replace(STOPPING, form_set="01/2018"),
    "notice of stopping before reception": replace(STOPPING, code=None, received_at=None),
    "acknowledgement": ACKNOWLEDGEMENT,
    "receipt": RECEIPT,
    "receipt of 12 components with long names": LONG_RECEIPT,
    "receipt of the district": DISTRICT_RECEIPT,
    "CT04": RESIDENCE_RECEIPT,
    "supplement request": SUPPLEMENT_REQUEST,
    "supplement request after reception": LATER_SUPPLEMENT_REQUEST,
    "CT05": replace(SUPPLEMENT_REQUEST, form_set="53/2025", head=POLICE),
    "refusal of reception": REFUSAL_OF_RECEPTION,
    "CT06": replace(REFUSAL_OF_RECEPTION, form_set="53/2025", head=POLICE),
    "house permit": PERMIT,
    "land change": LAND_CHANGE,
    "CT08": HOUSEHOLD_SPLIT,
    "CT07": replace(HOUSEHOLD_SPLIT, form_set="53/2025 CT07"),
    "control slip": CONTROL,
    "control slip of 2025": replace(CONTROL, form_set="03/2025"),
    "blank": Blank(
        form_set="01/2018",
        head=replace(SHOP, number="02953-2026-0012"),
        serial="02953-2026-0012",
        tracking_url=TRACKING,
    ),
    "register": REGISTER,
    "open register of 2025": replace(REGISTER, form_set="03/2025", closed=False, signature=None),
    "hand-over list": HAND_OVER_LIST,
    "hand-over list of results": replace(HAND_OVER_LIST, form_set="results"),
    "hand-over receipt": HAND_OVER_RECEIPT,
    "letter about a birth": LETTER,
    "letter about a marriage": replace(
        LETTER,
        form_set="marriage",
        to="Anh Hoàng Văn Thái và chị Bàn Thị Mẩy",
        name="anh Hoàng Văn Thái và chị Bàn Thị Mẩy",
    ),
    "letter of condolence": replace(
        LETTER, form_set="condolence", to="Gia quyến ông Lự Văn Páo", name="ông Lự Văn Páo"
    ),
    "birth certificate": BIRTH_CERTIFICATE,
    "any other result": replace(PERMIT, form_set="general"),
    "refusal after appraisal": RESULT_REFUSAL,
    "CT06 after appraisal": replace(RESULT_REFUSAL, form_set="53/2025", head=POLICE),
}
