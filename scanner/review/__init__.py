"""Behind the commands that look at a finished scan: decisions of people, answers, differences, explanations, digests, evaluation."""
