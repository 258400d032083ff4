/// Hover, touch and arrow keys over the charts. The page is whole without it: a browser shows the titles by itself.
///
/// Every mark of class `hit` has a title whose lines are the text to show. It sets text, never markup.
enum HTMLScript {
    static let text = """
        (() => {
          'use strict';
          const tip = document.createElement('div');
          tip.className = 'tip';
          tip.setAttribute('role', 'status');
          tip.hidden = true;
          document.body.append(tip);
          let current = null;

          const textOf = (hit) => {
            const title = hit.querySelector('title');
            if (title) {
              hit.dataset.text = title.textContent;
              title.remove();
            }
            return hit.dataset.text || '';
          };

          const hide = () => {
            if (current) current.classList.remove('on');
            current = null;
            tip.hidden = true;
          };

          const show = (hit, x, y) => {
            if (hit !== current) {
              hide();
              current = hit;
              hit.classList.add('on');
              tip.textContent = textOf(hit);
            }
            tip.hidden = false;
            const room = document.documentElement.clientWidth;
            const box = tip.getBoundingClientRect();
            const left = x + 16 + box.width > room ? x - 16 - box.width : x + 16;
            tip.style.left = Math.max(4, Math.min(left, room - box.width - 4)) + 'px';
            tip.style.top = Math.max(4, y - box.height - 12) + 'px';
          };

          const hitOf = (event) => event.target instanceof Element ? event.target.closest('.hit') : null;

          document.addEventListener('pointermove', (event) => {
            const hit = hitOf(event);
            if (hit) show(hit, event.clientX, event.clientY);
            else if (event.pointerType === 'mouse') hide();
          });
          document.addEventListener('pointerdown', (event) => {
            const hit = hitOf(event);
            if (hit) show(hit, event.clientX, event.clientY);
            else hide();
          });
          document.documentElement.addEventListener('pointerleave', (event) => {
            if (event.pointerType === 'mouse') hide();
          });
          document.addEventListener('scroll', hide, { passive: true });

          for (const plot of document.querySelectorAll('.plot')) {
            const svg = plot.querySelector('svg');
            const name = svg && svg.querySelector(':scope > title');
            if (name) {
              svg.setAttribute('aria-label', name.textContent);
              svg.setAttribute('aria-describedby', svg.querySelector(':scope > desc').id);
              svg.removeAttribute('aria-labelledby');
              name.remove();
            }
            plot.addEventListener('keydown', (event) => {
              const hits = [...plot.querySelectorAll('.hit')];
              if (hits.length === 0) return;
              const at = hits.indexOf(current);
              const last = hits.length - 1;
              let next;
              if (event.key === 'ArrowRight' || event.key === 'ArrowDown') next = Math.min(at + 1, last);
              else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') next = at < 0 ? last : Math.max(at - 1, 0);
              else if (event.key === 'Home') next = 0;
              else if (event.key === 'End') next = last;
              else if (event.key === 'Escape') { hide(); return; }
              else return;
              event.preventDefault();
              const box = hits[next].getBoundingClientRect();
              show(hits[next], box.left + box.width / 2, Math.max(box.top, 8) + 40);
            });
            plot.addEventListener('blur', hide);
          }
        })();
        """
}
