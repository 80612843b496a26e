// Light or dark: as the system has it, until somebody chooses. The choice is kept while the tab is
// open; a page opened as a file may have no place to keep it.

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function chosenTheme() {
  try {
    return sessionStorage.getItem('groklab-theme');
  } catch {
    return document.documentElement.dataset.chosen ?? null;
  }
}

function currentTheme() {
  return chosenTheme() ?? (systemIsDark.matches ? 'dark' : 'light');
}

function chooseTheme(theme) {
  document.documentElement.dataset.chosen = theme;
  try {
    sessionStorage.setItem('groklab-theme', theme);
  } catch {
    // It is kept in the element above.
  }
}

// `theme`: other than the current one on paper alone.
function applyTheme(theme = currentTheme()) {
  document.documentElement.dataset.theme = theme;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

function startTheme(whenChanged) {
  const button = document.getElementById('theme');
  const update = () => {
    applyTheme();
    button.textContent = currentTheme() === 'dark' ? 'Light theme' : 'Dark theme';
    whenChanged();
  };
  button.addEventListener('click', () => {
    chooseTheme(currentTheme() === 'dark' ? 'light' : 'dark');
    update();
  });
  systemIsDark.addEventListener('change', update);
  update();
}

applyTheme();  // before anything is seen

