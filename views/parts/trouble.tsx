/** @jsxImportSource #jsx */
/** What is wrong and what to do about it; renders nothing where neither is known. */
export function Trouble(props: { cause: string | null; remedy: string | null }) {
  if (!props.cause && !props.remedy) return <></>
  return (
    <div class="trouble">
      {props.cause && <p>{props.cause}</p>}
      {props.remedy && (
        <p class="remedy">
          <strong>What to do:</strong> {props.remedy}
        </p>
      )}
    </div>
  )
}
