const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

/** Texts of a `DateTime` in the viewer's language and time zone. */
export const timeOf = (at: string) => time.format(new Date(at))
export const dayOf = (at: string) => day.format(new Date(at))
export const fullTimeOf = (at: string) => full.format(new Date(at))
