"""The parts of the bench that concern the calculation, and how a result is shown."""

from typing import Any

from tests.bench import calculation


def show(name: str, value: float, *, wanted: float, at_most: bool = False) -> None:
    met = value <= wanted if at_most else value >= wanted
    sign = "at most" if at_most else "at least"
    print(f"{name:<44} {value:>10.2f}   wanted {sign} {wanted:g}   {'met' if met else 'MISSED'}")


def calculation_at(stays: int, *, rounds: int) -> dict[str, Any]:
    ground = calculation.Ground(stays)
    result = calculation.compare(ground, rounds=rounds)
    for name in ("job", "floor"):
        print(f"{name:<12} {stays:>8} stays {result[name]:>9.3f} s {stays / result[name]:>10.0f} stays/s")
    return result


def calculation_loop(stays: int = 2_000) -> float:
    """Seconds a stay of one transaction a stay."""
    ground = calculation.Ground(stays)
    seconds, _ = calculation.timed(ground, calculation.run_loop)
    print(f"{'loop':<12} {stays:>8} stays {seconds:>9.3f} s {stays / seconds:>10.0f} stays/s")
    return seconds / stays


def calculation_parts(chosen: list[str], *, stays: int, scale: int, rounds: int) -> dict[str, Any]:
    results: dict[str, Any] = {"calculation": calculation_at(stays, rounds=rounds)}
    small = results["calculation"]
    show("calculate points / floor", small["ratio"], wanted=0.75)
    if "loop" in chosen:
        results["loop"] = {"seconds_a_stay": calculation_loop()}
        show("loop / calculate points", results["loop"]["seconds_a_stay"] / (small["job"] / stays), wanted=50)
    if "scale" in chosen:
        results["scale"] = large = calculation_at(scale, rounds=1)
        growth = {name: (large[name] / scale) / (small[name] / stays) for name in ("job", "floor")}
        large["growth"] = growth["job"] / growth["floor"]
        show(f"cost a stay at {scale}, relative to the floor's", large["growth"], wanted=1.3, at_most=True)
        large["worker_mb"] = calculation.worker_memory(calculation.Ground(scale))
        small["worker_mb"] = calculation.worker_memory(calculation.Ground(stays))
        show(f"worker memory at {scale} stays, MB", large["worker_mb"], wanted=300, at_most=True)
        show(
            "the same, relative to the smaller run",
            large["worker_mb"] / small["worker_mb"],
            wanted=1.3,
            at_most=True,
        )
    return results
