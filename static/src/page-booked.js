// The confirmation can be kept on paper too.
const print = document.getElementById('print');
print.hidden = !window.print;
print.addEventListener('click', () => window.print());
