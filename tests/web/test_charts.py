import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web import charts

SERIES = [charts.Series("early", "Trước hạn"), charts.Series("on-time", "Đúng hạn"), charts.Series("late", "Trễ hạn")]
counts = st.tuples(*[st.integers(0, 10**6)] * 3)


@given(st.lists(st.tuples(st.just("01/2026"), counts), max_size=40))
def test_columns_stand_on_the_ground_and_within_the_picture(rows: list[tuple[str, tuple[int, int, int]]]) -> None:
    chart = charts.columns(SERIES, rows)
    ground = charts.HEIGHT - charts.BOTTOM
    for column, (_, values) in zip(chart.columns, rows, strict=True):
        assert [bar.value for bar in column.bars] == list(values)
        assert column.x >= charts.LEFT
        assert column.x + chart.bar_width <= charts.WIDTH
        top = ground
        for bar in column.bars:
            assert bar.y + bar.height == pytest.approx(top, abs=0.2)
            top = bar.y
        assert top >= charts.TOP - 0.1


@given(st.integers(0, 10**9))
def test_grid_lines_are_round_whole_numbers_that_reach_the_highest_column(highest: int) -> None:
    step = charts.round_step(highest)
    assert step * charts.TICKS >= highest
    assert str(step).rstrip("0") in {"1", "2", "25", "5"}


def test_at_most_twelve_months_are_labelled() -> None:
    chart = charts.columns(SERIES, [(str(number), (1, 1, 1)) for number in range(36)])
    assert sum(column.labelled for column in chart.columns) == 12
