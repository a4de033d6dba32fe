"""Schedules as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serving.jobs.answers import moment

if TYPE_CHECKING:
    from models.jobs.schedules import Schedule

MOMENTS = ("created_at", "due_at", "last_due_at")


def schedule_json(schedule: Schedule) -> dict[str, Any]:
    """Give a schedule; times as ISO 8601 in UTC."""
    content = schedule.to_json()
    return content | {name: moment(content[name]) for name in MOMENTS}
