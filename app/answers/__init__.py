"""From a model's words to a typed answer: what they say, never more than they say."""

from app.answers.answer import Answer, Measurement, Status, Value
from app.answers.reading import read_answer

__all__ = ["Answer", "Measurement", "Status", "Value", "read_answer"]
