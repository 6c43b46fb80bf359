"""The promised date as an appointment for the applicant's own calendar (iCalendar, RFC 5545)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from icalendar import Alarm, Calendar, Event

from portal.store.models import Dossier
from procedures.model import Procedure
from procedures.places import Unit

#: How long the appointment lasts, and how long before it the telephone says so.
_LENGTH: Final = timedelta(minutes=30)
_BEFORE: Final = timedelta(days=1)


def appointment(dossier: Dossier, procedure: Procedure, unit: Unit, address: str, at: datetime, language: str) -> bytes:
    """An .ics file with the due date of a received dossier; read again after the date moved, it moves the appointment.

    `address` is the page of the dossier. It names the procedure, the code and the place, and nobody.
    """
    assert dossier.due_at is not None
    title = procedure.short_title.say(language)
    event = Event()
    event.add("uid", f"{dossier.registration}@mot-cua")
    event.add("sequence", dossier.seq)
    event.add("dtstamp", at)
    event.add("dtstart", dossier.due_at)
    event.add("duration", _LENGTH)
    event.add("summary", f"Hẹn trả kết quả: {title}" if language == "vi" else f"Result due: {title}")
    event.add("description", f"{dossier.code}\n{address}")
    event.add("url", address)
    if unit.shop is not None:
        event.add("location", f"{unit.shop.name.say(language)}, {unit.shop.address.say(language)}")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -_BEFORE)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Một Cửa//Bảo Yên//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
