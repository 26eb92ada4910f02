/**
 * The toolbar of a panel or tab, as its settings schema and the person say.
 */
import {
  createToolbarFactory,
  type IToolbarWidgetRegistry
} from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator, type ITranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

/**
 * Let the button for what a toolbar has no room for be no toggle.
 *
 * The lab gives it the state "not pressed", which is not allowed on an element without a role and never changes.
 */
export function removePressed({ node }: Widget): void {
  const clean = (): void =>
    node
      .querySelector('.jp-Toolbar-responsive-opener [aria-pressed]')
      ?.removeAttribute('aria-pressed');
  const observer = new MutationObserver(clean);
  observer.observe(node, {
    attributeFilter: ['aria-pressed'],
    childList: true,
    subtree: true
  });
  clean();
}

/** Fills the toolbar of a panel with what the settings say. */
export type PanelToolbar = ReturnType<typeof createToolbarFactory>;

/**
 * The toolbar of a panel as its settings schema and the person say.
 *
 * Call it in the plugin that owns the settings, before anything loads them.
 */
export function createPanelToolbar(
  services: {
    settings: ISettingRegistry | null;
    toolbars: IToolbarWidgetRegistry | null;
    translator: ITranslator | null;
  },
  /** Key below `jupyter.lab.toolbars`, and the plugin whose settings hold it. */
  names: { toolbar: string; plugin: string }
): PanelToolbar | null {
  const { settings, toolbars, translator } = services;
  return settings && toolbars
    ? createToolbarFactory(
        toolbars,
        settings,
        names.toolbar,
        names.plugin,
        translator ?? nullTranslator
      )
    : null;
}
