import { defineConfig } from 'vite';

export default defineConfig({
  // The instance may stand behind a path of somebody's proxy.
  base: './',
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsDir: 'assets',
    // The Content-Security-Policy knows no data: URL but for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:7870' } },
});
