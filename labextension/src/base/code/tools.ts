/**
 * What code is shown and written with.
 */
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type {
  IEditorLanguageRegistry,
  IEditorThemeRegistry
} from '@jupyterlab/codemirror';

/** The lab's own editors, and the languages and themes that they know. */
export interface ICodeTools {
  readonly editors: IEditorServices;
  readonly languages: IEditorLanguageRegistry | null;
  readonly themes: IEditorThemeRegistry | null;
}
