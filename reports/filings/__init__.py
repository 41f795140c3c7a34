"""Papers for the authorities in Chinese, pre-filled from a finished report: Word documents, item tables."""
