//! The circles of a graph.

/// Returns the strongly connected components of a graph, each after those that it leads to
/// (Tarjan's algorithm). `leads_to` has the neighbours of each node.
pub(crate) fn circles(leads_to: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        leads_to,
        visited: 0,
        nodes: vec![Visited::default(); leads_to.len()],
        stack: Vec::new(),
        found: Vec::new(),
    };
    for node in 0..leads_to.len() {
        if search.nodes[node].number.is_none() {
            search.visit(node);
        }
    }
    search.found
}

#[derive(Clone, Default)]
struct Visited {
    /// When it was visited.
    number: Option<usize>,
    /// The earliest node that it leads back to.
    lowest: usize,
    on_stack: bool,
}

struct Search<'a> {
    leads_to: &'a [Vec<usize>],
    visited: usize,
    nodes: Vec<Visited>,
    stack: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn visit(&mut self, node: usize) {
        let number = self.visited;
        self.visited += 1;
        self.nodes[node] = Visited { number: Some(number), lowest: number, on_stack: true };
        self.stack.push(node);
        for &next in &self.leads_to[node] {
            match self.nodes[next].number {
                None => {
                    self.visit(next);
                    self.nodes[node].lowest = self.nodes[node].lowest.min(self.nodes[next].lowest);
                }
                Some(number) if self.nodes[next].on_stack => {
                    self.nodes[node].lowest = self.nodes[node].lowest.min(number);
                }
                Some(_) => {}
            }
        }
        if self.nodes[node].lowest == number {
            let start = self.stack.iter().rposition(|one| *one == node).unwrap_or(0);
            let circle = self.stack.split_off(start);
            for one in &circle {
                self.nodes[*one].on_stack = false;
            }
            self.found.push(circle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::circles;

    #[test]
    fn each_circle_comes_after_those_it_leads_to() {
        // 0 → 1 ⇄ 2 → 3 ↺, 4 alone.
        let graph = [vec![1], vec![2], vec![1, 3], vec![3], vec![]];
        let mut found = circles(&graph);
        found.iter_mut().for_each(|circle| circle.sort_unstable());
        assert_eq!(found, [vec![3], vec![1, 2], vec![0], vec![4]]);
    }
}
