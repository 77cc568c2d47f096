// Instants and durations: milliseconds or a bigint of nanoseconds in JavaScript, seconds
// and nanoseconds in WIT.

const NANOSECONDS = 1_000_000_000n;

/** The range of a `Date` in milliseconds, before and after 1970. */
const DATE_MILLISECONDS = 8.64e15;

/** The check of an instant. */
export const moment = {
  wants: "a Date, milliseconds since 1970, or a bigint of nanoseconds since 1970",
  accepts: (value) => {
    if (typeof value === "bigint") return Math.abs(Number(value)) <= DATE_MILLISECONDS * 1e6;
    return (value instanceof Date || typeof value === "number") && Math.abs(Number(value)) <= DATE_MILLISECONDS;
  },
};

/** The check of a duration. */
export const duration = {
  wants: "milliseconds, or a bigint of nanoseconds, not below 0",
  accepts: (value) => {
    if (typeof value === "bigint") return BigInt.asUintN(64, value) === value;
    return typeof value === "number" && value >= 0 && value <= DATE_MILLISECONDS;
  },
};

/** A checked instant, for the component. */
export function toInstant(value) {
  const nanoseconds = toNanoseconds(value);
  const rest = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return { seconds: (nanoseconds - rest) / NANOSECONDS, nanoseconds: Number(rest) };
}

/** Nanoseconds of a checked instant or duration. */
export function toNanoseconds(value) {
  if (typeof value === "bigint") return value;
  const milliseconds = Number(value);
  const whole = Math.floor(milliseconds);
  // In two parts, since a number cannot hold all nanoseconds since 1970 exactly.
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((milliseconds - whole) * 1e6));
}

/** Milliseconds of a duration from the component. */
export function toMilliseconds(nanoseconds) {
  return Number(nanoseconds) / 1e6;
}
