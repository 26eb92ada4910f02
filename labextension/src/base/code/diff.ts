/**
 * Texts beside each other, with what differs between them marked.
 */
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

import type { ICodeTools } from './tools';

/** A text, and what screen readers call it. */
export interface ILabelledText {
  text: string;
  label: string;
}

/** What a diff shows. */
export interface IDiff {
  /** What the text differs from; null shows the text alone. */
  original: ILabelledText | null;
  modified: ILabelledText;
  /** Two columns, or one text with the differences in it. */
  layout: 'split' | 'unified';
  language: string;
}

/** Draw a read-only diff into an element; returns what removes it. */
export async function createDiff(
  host: HTMLElement,
  diff: IDiff,
  tools: ICodeTools
): Promise<() => void> {
  const { original, modified, layout } = diff;
  const shared = await extensionsOf(diff.language, tools);
  const configOf = ({ text, label }: ILabelledText) => ({
    doc: text,
    extensions: [shared, readOnly(label)]
  });
  if (original && layout === 'split') {
    const view = new MergeView({
      a: configOf(original),
      b: configOf(modified),
      parent: host,
      gutter: true,
      collapseUnchanged: { margin: 3, minSize: 6 }
    });
    return () => view.destroy();
  }
  const { doc, extensions } = configOf(modified);
  const changes = original
    ? unifiedMergeView({ original: original.text, mergeControls: false, gutter: true })
    : [];
  const view = new EditorView({
    doc,
    extensions: [extensions, changes],
    parent: host
  });
  return () => view.destroy();
}

async function extensionsOf(
  language: string,
  { languages, themes }: ICodeTools
): Promise<Extension> {
  const known = await languages?.getLanguage(language).catch(() => null);
  const theme = themes?.themes.find(({ name }) => name === 'jupyter')?.theme;
  return [theme ?? themes?.defaultTheme() ?? [], known?.support ?? []];
}

function readOnly(label: string): Extension {
  return [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })
  ];
}
