// Jest runs modules as they are (`NODE_OPTIONS=--experimental-vm-modules`), so nothing is transformed.
export default {
  transform: {},
  testMatch: ["<rootDir>/jest/*.test.js"],
};
