"""The days that freezes bridged: each is known to the active day after it."""

BRIDGED = """
SELECT frozen.day::date AS day, days.first_zone AS zone
FROM days, jsonb_array_elements_text(days.standing -> 'streaks' -> 'frozen_on') AS frozen (day)
WHERE days.player_id = $1 AND days.day > $2
"""
"""Of the learner $1, those known to active days after the day $2, and where the learner was then."""
