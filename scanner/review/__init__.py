"""Behind the commands that look at a finished scan.

Decisions and answers of people, differences between scans, explanations, digests, evaluation.
"""
