const ELEMENT = "ll-strategy-dashboard-givenergy";

function register() {
  if (customElements.get(ELEMENT)) return;
  customElements.define(
    ELEMENT,
    class extends HTMLElement {
      static generate(config, hass) {
        return hass.callWS({ type: "givenergy/dashboard", language: hass.language });
      }
    },
  );
}

// The frontend may replace the registry of elements after this file has run.
register();
customElements.whenDefined("home-assistant").then(register);

window.customStrategies = window.customStrategies || [];
window.customStrategies.push({
  type: "givenergy",
  strategyType: "dashboard",
  name: "GivEnergy",
});
