/** @jsxImportSource #jsx */
import { Html } from '../html'
import { layout } from '../layout'
import type { FrameData } from '../page-data'

/** The guide for whoever writes an app. @param markdown a file of ours; markup in it stays text */
export function coordinationGuidePage(markdown: string, data: FrameData): Html {
  return layout({
    title: 'Sharing the cluster',
    data,
    path: '/ui/api',
    children: (
      <main id="main" tabindex={-1}>
        <article class="panel prose">{prose(markdown)}</article>
      </main>
    ),
  })
}

function prose(markdown: string): Html {
  const html = Bun.markdown.html(markdown, { headings: { ids: true }, noHtmlBlocks: true, noHtmlSpans: true })
  // A link that leaves the page would lead to a file that nobody serves here.
  return new Html(html.replace(/<a href="(?![#/]|https?:)[^"]*">(.*?)<\/a>/gs, '$1'))
}
