"""What may stand in chujing.yaml, one file a section. Imported where it is read: pydantic is needed here."""
