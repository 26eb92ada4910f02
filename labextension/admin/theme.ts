/**
 * The lab's light, dark and high-contrast theme. What JupyterHub's own pages were set to holds here too.
 */
import { Store } from './store';

export type Theme = 'light' | 'dark' | 'high-contrast';
export type ThemeChoice = Theme | 'system';

// JupyterHub keeps "light" or "dark" here for its own pages.
const HUB_KEY = 'jupyterhub-bs-theme';
const OWN_KEY = 'orrery-admin-theme';
const NAMES: Record<Theme, string> = {
  light: 'JupyterLab Light',
  dark: 'JupyterLab Dark',
  'high-contrast': 'JupyterLab Dark High Contrast'
};

/** What a choice means on this machine. */
export function resolveTheme(
  choice: ThemeChoice,
  matches: (query: string) => boolean
): Theme {
  if (choice !== 'system') {
    return choice;
  }
  if (matches('(prefers-contrast: more)')) {
    return 'high-contrast';
  }
  return matches('(prefers-color-scheme: dark)') ? 'dark' : 'light';
}

/** The choice that was stored by this page, or by JupyterHub's. */
export function storedChoice(storage: Pick<Storage, 'getItem'>): ThemeChoice {
  const stored = storage.getItem(OWN_KEY) ?? storage.getItem(HUB_KEY);
  const known: readonly string[] = [...Object.keys(NAMES), 'system'];
  return known.includes(stored ?? '') ? (stored as ThemeChoice) : 'system';
}

/** Keeps the theme of the page equal to what was chosen. */
export class ThemeModel {
  constructor() {
    this.choice = new Store<ThemeChoice>(storedChoice(localStorage));
    for (const query of ['(prefers-contrast: more)', '(prefers-color-scheme: dark)']) {
      matchMedia(query).addEventListener('change', () => this._apply());
    }
    this._apply();
  }

  readonly choice: Store<ThemeChoice>;

  choose(choice: ThemeChoice): void {
    localStorage.setItem(OWN_KEY, choice);
    if (choice === 'light' || choice === 'dark') {
      localStorage.setItem(HUB_KEY, choice);
    }
    this.choice.set(choice);
    this._apply();
  }

  private _apply(): void {
    const theme = resolveTheme(this.choice.value, query => matchMedia(query).matches);
    document.documentElement.dataset.theme = theme;
    // The components read these two, as they do in a lab.
    document.body.dataset.jpThemeLight = String(theme === 'light');
    document.body.dataset.jpThemeName = NAMES[theme];
  }
}
