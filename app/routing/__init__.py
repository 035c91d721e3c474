"""From a message to a plan of what it asks for."""

from app.routing.deciding import Ask, decide
from app.routing.plan import Plan, PlannedTask, Source, Subtype, Task, VqaType, route_name
from app.routing.router import MOST_TASKS, plan

__all__ = [
    "MOST_TASKS",
    "Ask",
    "Plan",
    "PlannedTask",
    "Source",
    "Subtype",
    "Task",
    "VqaType",
    "decide",
    "plan",
    "route_name",
]
