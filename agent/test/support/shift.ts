/** Preloaded into the agent by the tests of its clock: it is wrong by CLOCK_SHIFT_SECONDS. */
const real = Date.now;
const shift = Number(process.env.CLOCK_SHIFT_SECONDS ?? 0) * 1_000;
Date.now = () => real() + shift;
