/** In the place of a short name in the address, which cannot be this. */
export const NEW = '*new';
