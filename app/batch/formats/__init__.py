"""What a batch reads and writes: JSONL, CSV, OpenAI's batch files, the ISRO GeoNLI tree."""

from app.batch.formats.choosing import format_of
from app.batch.formats.form import Form, Seen

__all__ = ["Form", "Seen", "format_of"]
