"""From sources to judged tables: list, draw ahead, examine, judge, carry over, inherit."""
