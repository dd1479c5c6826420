/** 1 for each ASCII character of `characters`, and for the control characters if asked. */
export function specialCharacters(characters: string, { controls = false } = {}): Uint8Array {
  const special = new Uint8Array(128);
  for (const character of characters) special[character.charCodeAt(0)] = 1;
  if (controls) special.fill(1, 0, 32);
  return special;
}
