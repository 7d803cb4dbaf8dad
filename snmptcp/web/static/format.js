// Numbers and times as people read them.

const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];

/** Octets per second as bits per second: "1.25 Mbit/s". */
export function bits(octets) {
  return octets === null || octets === undefined ? "–" : scaled(octets * 8, "bit/s");
}

/** A number with a prefix and three digits. */
export function scaled(number, unit) {
  let power = 0;
  let size = Math.abs(number);
  while (size >= 999.5 && power < PREFIXES.length - 1) {
    size /= 1000;
    power += 1;
  }
  const digits = power === 0 ? (size < 10 && size % 1 > 0.05 ? 1 : 0) : size < 10 ? 2 : size < 100 ? 1 : 0;
  return `${number < 0 ? "-" : ""}${size.toFixed(digits)} ${PREFIXES[power]}${unit}`;
}

/** Bits per second of an interface: "10 Gbit/s". */
export function speed(bitsPerSecond) {
  if (!bitsPerSecond) return "–";
  let power = 0;
  let size = bitsPerSecond;
  while (size >= 1000 && power < PREFIXES.length - 1) {
    size /= 1000;
    power += 1;
  }
  return `${Number(size.toFixed(2))} ${PREFIXES[power]}bit/s`;
}

export function count(number) {
  return number === null || number === undefined ? "–" : Math.round(number).toLocaleString("en");
}

/** Seconds as "3 d 4 h", "5 min 10 s", "7 s". */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86400);
  const hours = Math.floor((whole % 86400) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (days) return hours ? `${days} d ${hours} h` : `${days} d`;
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return `${whole} s`;
}

/** Seconds since 1970 as the time of day. */
export function clock(at) {
  return new Date(at * 1000).toLocaleTimeString("en-GB");
}
