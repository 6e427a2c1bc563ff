interface AvatarProps {
  /** What the colour follows from, so that a user keeps it. */
  id: string
  name: string
  url?: string | null
}

const tones = 8

export function Avatar({ id, name, url }: AvatarProps) {
  if (url) return <img className="avatar" src={url} alt="" referrerPolicy="no-referrer" loading="lazy" />
  return (
    <span className={`avatar tone-${toneOf(id)}`} aria-hidden="true">
      {initials(name)}
    </span>
  )
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
}

function toneOf(id: string): number {
  let sum = 0
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return sum % tones
}
