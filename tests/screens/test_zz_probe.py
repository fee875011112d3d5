from tests.screens.bench import *
async def test_a(paths):
    async with at_work(paths) as (pilot, app, _):
        await pilot.resize_terminal(60, 20)
        await pilot.pause(0.3)
        print(shown(app)[:300]); print(app.screen.classes)
        print(app.stylesheet.source.keys())
        s = app.screen
        print([ (r.selectors, r.specificity if hasattr(r,'specificity') else '') for r in app.stylesheet.rules if 'too-small' in str(r.selectors)])
