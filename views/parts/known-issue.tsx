/** @jsxImportSource #jsx */
const longest = 160

/** A known issue of a recipe in its first words; what is longer leads to the whole of it. */
export function KnownIssue(props: { text: string | null; href: string }) {
  const { text, href } = props
  if (!text) return <></>
  const begin = text.length <= longest ? text : text.slice(0, text.lastIndexOf(' ', longest))
  return (
    <p class="trouble">
      Known issue: {begin}
      {begin !== text && (
        <>
          … <a href={href}>The whole of it</a>
        </>
      )}
    </p>
  )
}
