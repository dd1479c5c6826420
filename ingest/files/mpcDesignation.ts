// Packed numbers and designations of the MPC to the form people read.
// https://minorplanetcenter.net/iau/info/PackedDes.html

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** First number that needs the form with a tilde. */
const FIRST_TILDE_NUMBER = 620_000;

/** The number where there is one, else the designation, else null. What is not packed stays as it is. */
export function unpackedDesignation(number: string, designation: string): string | null {
  const packed = number.trim();
  if (/^[0-9A-Za-z][0-9]{4}$/.test(packed)) return String(BASE_62.indexOf(packed[0]) * 10_000 + Number(packed.slice(1)));
  if (/^~[0-9A-Za-z]{4}$/.test(packed))
    return String(Array.from(packed.slice(1)).reduce((n, c) => n * 62 + BASE_62.indexOf(c), 0) + FIRST_TILDE_NUMBER);
  if (/^[0-9]{4}[A-Z]$/.test(packed)) return `${String(Number(packed.slice(0, 4)))}${packed[4]}`;
  const name = designation.trim();
  const parts = /^([IJK])([0-9]{2})([A-Z])([0-9A-Za-z])([0-9])([A-Z])$/.exec(name);
  if (parts === null) return name === '' ? (packed === '' ? null : packed) : name;
  const [, century, year, half, tens, ones, letter] = parts;
  const cycle = BASE_62.indexOf(tens) * 10 + Number(ones);
  return `${String(18 + 'IJK'.indexOf(century))}${year} ${half}${letter}${cycle === 0 ? '' : String(cycle)}`;
}
