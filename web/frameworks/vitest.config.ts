import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

const plugins = () => [svelte({ configFile: false }), vue()];

export default defineConfig({
  test: {
    projects: [
      // In a page: components are compiled for browsers.
      { plugins: plugins(), resolve: { conditions: ["browser"] }, test: { name: "page", environment: "jsdom", include: ["*/*.page.test.{ts,tsx}"] } },
      // On a server, or without a document.
      { plugins: plugins(), test: { name: "server", environment: "node", include: ["*/*.server.test.{ts,tsx}"] } },
    ],
  },
});
