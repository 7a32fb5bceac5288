"""Users as rows, and back."""

from babyowl_chassis.unit_of_work import AggregateMapping, Rows
from identity.domain.user import User
from identity.domain.values import (
    Challenge,
    ChallengePurpose,
    Email,
    PasswordHash,
    Profile,
    TokenHash,
    UserRole,
    UserStatus,
)
from identity.infrastructure.tables import ChallengeRow, UserRow


def user_to_rows(user: User) -> Rows:
    """One row for the account, one for each open challenge."""
    return {
        UserRow: [
            {
                "id": user.id,
                "version": user.version,
                "email": user.email.address,
                "password": user.password,
                "role": user.role.value,
                "status": user.status.value,
                "display_name": user.profile.display_name,
                "avatar_url": user.profile.avatar_url,
                "time_zone": user.profile.time_zone,
                "locale": user.profile.locale,
                "created_at": user.created_at,
                "created_by": user.created_by,
                "verified_at": user.verified_at,
                "epoch": user.epoch,
                "epoch_began_at": user.epoch_began_at,
            }
        ],
        ChallengeRow: [
            {
                "user_id": user.id,
                "purpose": challenge.purpose.value,
                "id": challenge.id,
                "token_hash": challenge.token_hash,
                "expires_at": challenge.expires_at,
            }
            for challenge in user.challenges.values()
        ],
    }


def user_from_rows(rows: Rows) -> User:
    """The account with its open challenges."""
    [row] = rows[UserRow]
    challenges = [
        Challenge(
            id=challenge["id"],
            purpose=ChallengePurpose(challenge["purpose"]),
            token_hash=TokenHash(challenge["token_hash"]),
            expires_at=challenge["expires_at"],
        )
        for challenge in rows.get(ChallengeRow, [])
    ]
    return User(
        id=row["id"],
        version=row["version"],
        email=Email(row["email"]),
        password=None if row["password"] is None else PasswordHash(row["password"]),
        role=UserRole(row["role"]),
        status=UserStatus(row["status"]),
        profile=Profile(row["display_name"], row["avatar_url"], row["time_zone"], row["locale"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        verified_at=row["verified_at"],
        epoch=row["epoch"],
        epoch_began_at=row["epoch_began_at"],
        challenges={challenge.purpose: challenge for challenge in challenges},
    )


USERS = AggregateMapping(
    root=UserRow, children={ChallengeRow: "user_id"}, to_rows=user_to_rows, from_rows=user_from_rows
)
