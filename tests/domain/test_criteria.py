"""Conditions as rows: what rows can say is said in rows and comes back the same; everything else stays CEL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.criteria import ALONE, Asked, BadRow, Criteria, Join, Row, Sign, read, signs_for, write
from procedures.catalogue import load_catalogue
from procedures.expressions import Expression, compiled
from procedures.model import Kind, Procedure, Text


def asked(key: str, kind: Kind, *choices: str) -> Asked:
    return Asked(
        key, Text(vi=f"Câu {key}", en=key), kind, tuple((one, Text(vi=one.upper(), en=one)) for one in choices)
    )


ASKED = (
    asked("how", Kind.CHOICE, "online", "post"),
    asked("uses", Kind.SEVERAL, "home", "shop"),
    asked("divorced", Kind.YES_NO),
    asked("height", Kind.DECIMAL),
    asked("born", Kind.DATE),
    asked("name", Kind.TEXT),
    asked("members", Kind.GROUP),
)

SAID = [
    ("how == 'online'", Row("how", Sign.IS, "online")),
    ("how in ['online', 'post']", Row("how", Sign.ONE_OF, "online, post")),
    ("!(how in ['post'])", Row("how", Sign.NONE_OF, "post")),
    ("'shop' in uses", Row("uses", Sign.HAS, "shop")),
    ("!('shop' in uses)", Row("uses", Sign.LACKS, "shop")),
    ("divorced == true", Row("divorced", Sign.IS, "true")),
    ("height >= 2.5", Row("height", Sign.AT_LEAST, "2,5")),
    ("born < date('2008-03-15')", Row("born", Sign.LESS, "15/03/2008")),
    ("born <= today", Row("born", Sign.AT_MOST, "hôm nay")),
    ("name != null", Row("name", Sign.GIVEN)),
    ("members == null", Row("members", Sign.MISSING)),
]


@pytest.mark.parametrize(("source", "row"), SAID)
def test_a_comparison_is_a_row_and_comes_back_the_same(source: str, row: Row) -> None:
    assert read(source, ASKED) == Criteria((row,))
    assert write(Criteria((row,)), ASKED) == source


def test_rows_are_joined_by_one_word() -> None:
    rows = (Row("how", Sign.IS, "post"), Row("height", Sign.MORE, "3"))
    assert read("how == 'post' || height > 3", ASKED) == Criteria(rows, Join.OR)
    assert write(Criteria(rows), ASKED) == "how == 'post' && height > 3"


@pytest.mark.parametrize(
    "source",
    [
        "how == 'post' && height > 3 || divorced == true",
        "(how == 'post')",
        "how=='post'",
        "height > other",
        "members.exists(m, m.age > 3)",
        "years_between(born, today) >= 18",
        "nobody == 'x'",
        "how == 'elsewhere'",
        "height == 'tall'",
        "'a' == 'b && c'",
    ],
)
def test_what_rows_cannot_say_stays_cel(source: str) -> None:
    assert read(source, ASKED) is None


def expressions(procedure: Procedure) -> Iterator[Expression]:
    for section in procedure.form:
        yield from (found.when for found in (section, *section.fields) if found.when)
    yield from (one.required for one in procedure.components if isinstance(one.required, Expression))
    yield from (fee.condition for fee in procedure.fees if fee.condition)
    yield from (check.rule for check in procedure.checks)


def test_every_condition_of_the_catalogue_is_rows_that_give_it_back_or_cel() -> None:
    as_rows = 0
    for procedure in load_catalogue():
        known = tuple(
            Asked(field.key, field.label, field.kind, tuple((c.value, c.label) for c in field.choices))
            for field in procedure.fields.values()
        )
        for expression in expressions(procedure):
            found = read(expression.source, known)
            if found is not None:
                as_rows += 1
                assert write(found, known) == expression.source
    assert as_rows > 50


@pytest.mark.parametrize(
    ("row", "part"),
    [
        (Row("", Sign.IS, "x"), "left"),
        (Row("how", "odd", "x"), "sign"),  # type: ignore[arg-type]
        (Row("how", Sign.MORE, "post"), "sign"),
        (Row("how", Sign.IS, ""), "right"),
        (Row("how", Sign.IS, "elsewhere"), "right"),
        (Row("how", Sign.ONE_OF, " , "), "right"),
        (Row("height", Sign.IS, "tall"), "right"),
        (Row("born", Sign.IS, "31/02/2020"), "right"),
        (Row("name", Sign.IS, "it's"), "right"),
    ],
)
def test_a_row_that_says_nothing_is_told_by_its_number_and_part(row: Row, part: str) -> None:
    with pytest.raises(BadRow) as told:
        write(Criteria((Row("divorced", Sign.IS, "true"), row)), ASKED)
    assert (told.value.index, told.value.part) == (1, part)


def test_an_answer_may_be_typed_as_it_is_called() -> None:
    assert write(Criteria((Row("how", Sign.IS, "post".upper()),)), ASKED) == "how == 'post'"
    assert write(Criteria((Row("divorced", Sign.IS, "có"),)), ASKED) == "divorced == true"


@given(st.sampled_from(ASKED), st.data())
def test_every_row_that_is_taken_is_an_expression_that_reads_back(question: Asked, data: st.DataObject) -> None:
    sign = data.draw(st.sampled_from(signs_for(question.kind)))
    typed = data.draw(st.sampled_from(["online", "post", "home", "true", "2,5", "7", "15/03/2026", "hôm nay", "chữ"]))
    rows = Criteria((Row(question.key, sign, "" if sign in ALONE else typed),))
    try:
        source = write(rows, ASKED)
    except BadRow:
        return
    compiled(source)
    assert read(source, ASKED) is not None
