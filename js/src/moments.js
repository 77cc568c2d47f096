// Points in time and lengths of time: milliseconds or a bigint of nanoseconds in
// JavaScript, seconds and nanoseconds in WIT.

const NANOSECONDS = 1_000_000_000n;

/** The milliseconds that a `Date` reaches to, before and after 1970. */
const DATE_MILLISECONDS = 8.64e15;

/** The check of a point in time. */
export const moment = {
  wants: "a Date, milliseconds since 1970, or a bigint of nanoseconds since 1970",
  accepts: (value) => {
    if (typeof value === "bigint") return Math.abs(Number(value)) <= DATE_MILLISECONDS * 1e6;
    return (value instanceof Date || typeof value === "number") && Math.abs(Number(value)) <= DATE_MILLISECONDS;
  },
};

/** The check of a length of time. */
export const duration = {
  wants: "milliseconds, or a bigint of nanoseconds, not below 0",
  accepts: (value) => {
    if (typeof value === "bigint") return BigInt.asUintN(64, value) === value;
    return typeof value === "number" && value >= 0 && value <= DATE_MILLISECONDS;
  },
};

/** A point in time that was checked, for the component. */
export function toInstant(value) {
  const nanoseconds = toNanoseconds(value);
  const rest = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return { seconds: (nanoseconds - rest) / NANOSECONDS, nanoseconds: Number(rest) };
}

/** Nanoseconds of a point or a length of time that was checked. */
export function toNanoseconds(value) {
  if (typeof value === "bigint") return value;
  const milliseconds = Number(value);
  const whole = Math.floor(milliseconds);
  // Apart, since all nanoseconds since 1970 are more than a number holds exactly.
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((milliseconds - whole) * 1e6));
}

/** Milliseconds of a length of time from the component. */
export function toMilliseconds(nanoseconds) {
  return Number(nanoseconds) / 1e6;
}
