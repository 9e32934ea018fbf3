// `npm start`, which also prints when it was kept from working for long.
import './companion-print-stalls.ts';
import '../../../../infra/local/main.ts';
