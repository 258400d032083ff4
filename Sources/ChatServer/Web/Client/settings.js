// How the page looks to this reader: light, dark or as the system has it.

import {shared} from './storage.js';

const key = 'chatbench.theme';

export const themes = ['auto', 'light', 'dark'];

export function currentTheme() {
  const kept = shared.read(key);
  return themes.includes(kept) ? kept : 'auto';
}

export function setTheme(theme) {
  shared.write(key, theme === 'auto' ? null : theme);
  applyTheme();
}

export function applyTheme() {
  const theme = currentTheme();
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
