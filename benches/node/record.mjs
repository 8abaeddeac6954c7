// What `echo` carries: the same as in record.rs.

export const sample = () => ({
  id: 1234567890,
  name: 'sixteen letters.',
  tags: ['eight ch', 'aracters', 'in each ', 'of those'],
  score: 0.123456789,
});
