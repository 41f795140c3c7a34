"""Words people read, Chinese and English."""
