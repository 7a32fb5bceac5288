"""Points, levels, streaks and leaderboards: fed by events alone."""
