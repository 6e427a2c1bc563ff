/**
 * The form in which names are compared, searched and ordered, in any case and by code point. (A sigma's lower case depends on what
 * follows, which the start of a name does not know.)
 */
export const foldName = (name: string): string => name.normalize('NFC').toLowerCase().replaceAll('ς', 'σ')
