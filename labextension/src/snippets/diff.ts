/**
 * Texts side by side, with what differs between them marked.
 */
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type {
  IEditorLanguageRegistry,
  IEditorThemeRegistry
} from '@jupyterlab/codemirror';

/** How an editor of a comparison is made. */
export interface IDiffOptions {
  language: string;
  languages: IEditorLanguageRegistry | null;
  themes: IEditorThemeRegistry | null;
}

/** Two texts side by side; call what it returns to remove them. */
export async function showSideBySide(
  host: HTMLElement,
  a: { text: string; label: string },
  b: { text: string; label: string },
  options: IDiffOptions
): Promise<() => void> {
  const common = await extensionsOf(options);
  const side = ({ text, label }: { text: string; label: string }): object => ({
    doc: text,
    extensions: [common, readOnly(label)]
  });
  const view = new MergeView({
    a: side(a),
    b: side(b),
    parent: host,
    gutter: true,
    collapseUnchanged: { margin: 3, minSize: 6 }
  });
  return () => view.destroy();
}

/** One text with its differences from another one inside; read-only. */
export async function showAgainst(
  host: HTMLElement,
  original: string | null,
  text: string,
  label: string,
  options: IDiffOptions
): Promise<() => void> {
  const common = await extensionsOf(options);
  const against =
    original === null
      ? []
      : unifiedMergeView({ original, mergeControls: false, gutter: true });
  const view = new EditorView({
    doc: text,
    extensions: [common, readOnly(label), against],
    parent: host
  });
  return () => view.destroy();
}

async function extensionsOf(options: IDiffOptions): Promise<Extension> {
  const { language, languages, themes } = options;
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
