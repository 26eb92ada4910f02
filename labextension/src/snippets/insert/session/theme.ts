/**
 * How stops and lists of choices look in an editor.
 */
import { EditorView } from '@codemirror/view';

/** The styles of a session. */
export const theme = EditorView.baseTheme({
  '.cm-orrery-stop': {
    borderRadius: '2px',
    boxShadow: '0 0 0 1px var(--jp-border-color1)'
  },
  '.cm-orrery-stop-active': {
    boxShadow: '0 0 0 1px var(--jp-brand-color1)'
  },
  '.cm-orrery-gap': {
    display: 'inline-block',
    width: '2px',
    height: '1em',
    verticalAlign: 'text-bottom',
    background: 'var(--jp-border-color1)'
  },
  '.cm-orrery-gap.cm-orrery-stop-active': {
    background: 'var(--jp-brand-color1)',
    boxShadow: 'none'
  },
  '.cm-orrery-choices': {
    listStyle: 'none',
    margin: '0',
    padding: '2px 0',
    maxHeight: '15em',
    minWidth: '8em',
    maxWidth: '40em',
    overflow: 'auto',
    fontFamily: 'var(--jp-code-font-family)',
    fontSize: 'var(--jp-code-font-size)',
    lineHeight: 'var(--jp-code-line-height)',
    color: 'var(--jp-ui-font-color1)',
    background: 'var(--jp-layout-color1)'
  },
  '.cm-orrery-choices li': {
    padding: '0 8px',
    cursor: 'pointer',
    whiteSpace: 'pre',
    overflow: 'hidden',
    textOverflow: 'ellipsis'
  },
  '.cm-orrery-choices li:hover': { background: 'var(--jp-layout-color2)' },
  '.cm-orrery-choices li[aria-selected="true"]': {
    color: 'var(--jp-ui-inverse-font-color1)',
    background: 'var(--jp-brand-color1)'
  }
});
