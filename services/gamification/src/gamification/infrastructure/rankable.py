"""Who stands on leaderboards at all."""

RANKABLE = """
    JOIN people AS person ON person.id = {player_id} AND person.role = 'student' AND person.status = 'active'
        AND NOT EXISTS (SELECT FROM appearances WHERE id = {player_id} AND leaderboard = 'hidden')
"""
IS_RANKABLE = """EXISTS (
        SELECT FROM people AS person WHERE person.id = {player_id}
            AND person.role = 'student' AND person.status = 'active'
            AND NOT EXISTS (SELECT FROM appearances WHERE id = {player_id} AND leaderboard = 'hidden')
    )"""
