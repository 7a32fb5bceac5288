"""How often a request may be sent a second time, so that retries never become the flood that keeps a service down."""

RETRYABLE = frozenset(("GET", "HEAD"))


class RetryBudget:
    """One retry for every ten requests; up to ten are put by, for a short outage in a quiet hour."""

    PRICE = 10
    CEILING = 100

    def __init__(self) -> None:
        self._saved = self.PRICE

    def pay_in(self) -> None:
        """A request was sent for the first time."""
        if self._saved < self.CEILING:
            self._saved += 1

    def withdraw(self) -> bool:
        """Whether one retry may be made now."""
        if self._saved < self.PRICE:
            return False
        self._saved -= self.PRICE
        return True
