// Tell the page around this frame what the bank says.
parent.postMessage({from: 'demo-bank', message: JSON.parse(document.getElementById('answer').dataset.message)}, '*');
