"""Signals: an interrupt is never lost."""

import os
import signal

import pytest

from jobs.runtime.signals import keep_interrupts


class Finalized:
    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        signal.sigpending()  # the handler runs at the latest before the next call returns


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_a_finalizer_has_swallowed_comes_at_the_end() -> None:
    before = signal.getsignal(signal.SIGINT)
    went_on = False
    with pytest.raises(KeyboardInterrupt), keep_interrupts():
        Finalized()
        went_on = True
    assert went_on
    assert signal.getsignal(signal.SIGINT) is before


def test_without_an_interrupt_nothing_is_raised() -> None:
    with keep_interrupts():
        pass
