"""What people stated, beside chujing.yaml: answers, reviews, filings, facts, and the sealed record of who did what."""
