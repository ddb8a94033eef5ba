/** @jsxImportSource #jsx */
import type { FactView } from '../../core/cluster/snapshot'
import type { Child } from '../elements'
import { figure } from '../format/figure'

/** Figures with their labels, in the order given. */
export function Facts(props: { facts: { label: string; value: Child }[] }) {
  if (!props.facts.length) return <></>
  return (
    <dl class="facts">
      {props.facts.map((fact) => (
        <div>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A service's figures as label and text with unit. */
export function factTexts(facts: FactView[]): { label: string; value: string }[] {
  return facts.map((fact) => ({ label: fact.label, value: figure(fact.value, fact.unit) }))
}
