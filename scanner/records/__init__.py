"""What people stated, beside chujing.yaml: answers, reviews, filings, facts, and who did what, sealed."""
